/**
 * The shapes of docs/panels.md.
 *
 * @typedef {object} Settings
 * @property {string} title
 * @property {"name" | "short_name" | "ticket" | "name_and_ticket"} show what the TV shows
 * @property {"name" | "ticket" | "name_and_ticket"} say what is spoken
 * @property {string | null} template with `{senha}`, `{nome}`, `{local}`; null: the host's own words
 * @property {string | null} voice null: the host's default voice
 * @property {number} repeats times each call is spoken, 1-3
 * @property {"two_tones" | "none"} chime
 * @property {number} volume 0-1
 * @property {{ from: string, to: string } | null} quiet_hours "HH:MM" in `time_zone`
 * @property {string} time_zone IANA name
 * @property {string[]} places
 * @property {number} history calls kept on screen, 4-6
 * @property {string[]} pictures paths below the pages' `media/`
 * @property {"dark" | "light" | "auto"} theme
 *
 * @typedef {"calling" | "cancelled" | "attended" | "no_show" | "transferred"} CallStatus
 *
 * @typedef {object} Call
 * @property {string} id
 * @property {number} seq
 * @property {CallStatus} status
 * @property {string} called_at RFC 3339, UTC
 * @property {string | null} ticket
 * @property {string | null} name
 * @property {string | null} place
 * @property {string | null} text a free announcement, instead of the three above
 * @property {string | null} recall_of id of the call that this one repeats
 *
 * @typedef {object} PanelEvent
 * @property {number} seq 1, 2, 3 … of its panel, without gaps
 * @property {"call" | Exclude<CallStatus, "calling">} type
 * @property {string} at
 * @property {Call} call
 *
 * @typedef {object} Feed
 * @property {number} seq of the last event
 * @property {string} now the server's clock, RFC 3339
 * @property {string} settings version of the settings
 * @property {PanelEvent[]} events
 * @property {boolean} more
 *
 * @typedef {object} Heartbeat
 * @property {boolean} voice whether this device speaks for the room
 * @property {number} spoken seq of the last call that the room has heard
 * @property {number} devices living devices of the panel
 * @property {number} lease_s how long `voice` holds
 *
 * @typedef {object} Device
 * @property {string} id
 * @property {string} label
 * @property {string} paired_at
 * @property {string | null} last_seen_at
 * @property {"on" | "blocked" | "off" | null} sound
 * @property {boolean} voice
 * @property {string | null} version
 *
 * @typedef {object} ReadySpeech
 * @property {"ready"} status
 * @property {string} id
 * @property {string} url
 * @property {number} duration_s
 * @property {boolean} cached
 * @property {"verified" | "doubtful"} quality
 *
 * @typedef {object} Problem RFC 9457
 * @property {string} type
 * @property {string} title
 * @property {number} status
 * @property {string} detail
 * @property {string} [error] RFC 8628's code while a device waits to be paired
 * @property {{ field: string, message: string }[]} [errors]
 * @property {string} request_id
 */
export {};
