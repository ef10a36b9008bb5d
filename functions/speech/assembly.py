"""The parts, put together once per process from the settings, each made when first needed."""

from __future__ import annotations

import secrets
from functools import cache, cached_property

from speech import settings
from speech.cache import Cache, InProcessCache, MemoryTier, TieredCache
from speech.clients import Clients
from speech.host import HostClient
from speech.host_keys import HostKey
from speech.jobs import JobStore
from speech.lease import Leases, SoleLeases, TableLeases
from speech.manifest import ManifestStore
from speech.phrase_files import PhraseFiles
from speech.pinned import PinnedPhrases
from speech.queues import RenderQueues
from speech.rendering import Renderer
from speech.settings import Settings
from speech.store import SpeechStore
from speech.upload_reports import UploadReports
from speech.uploads import UploadLedger

_DAY_S = 86_400


class Assembly:
    """Everything a handler may need, sharing one set of clients."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clients = Clients(emulated=bool(settings.aws_endpoint_url))

    @cached_property
    def host(self) -> HostClient:
        """The model host."""
        return HostClient(self.settings.coqui_server_url, self._host_key())

    @cached_property
    def manifests(self) -> ManifestStore:
        """What is known of the host."""
        bucket = self.settings.s3_cache_bucket
        s3 = None if self.in_process else self.clients.s3
        return ManifestStore(self.host, s3, bucket)

    @cached_property
    def store(self) -> SpeechStore:
        """Rendered speech in S3."""
        return SpeechStore(
            self.clients.s3,
            self.settings.s3_cache_bucket,
            self.settings.s3_cache_prefix,
            self.ttl_s,
        )

    @cached_property
    def cache(self) -> Cache:
        """The cache that CACHE_BACKEND names."""
        memory = MemoryTier(self.settings.memory_cache_max_bytes, self.settings.memory_cache_ttl_s)
        if self.in_process:
            return InProcessCache(memory, self.ttl_s)
        tier = memory if self.settings.cache_backend == "hybrid" else None
        return TieredCache(self.store, tier, self.settings.url_ttl_s)

    @cached_property
    def key_secret(self) -> bytes:
        """What keys the digests of all that may hold a patient's name."""
        if self.in_process:
            return secrets.token_bytes(32)  # its cache does not outlive the process either
        answer = self.clients.secretsmanager.get_secret_value(
            SecretId=self.settings.cache_key_secret_arn
        )
        return answer["SecretString"].encode()

    @cached_property
    def leases(self) -> Leases:
        """Who speaks what now."""
        if self.in_process:
            return SoleLeases()
        return TableLeases(self.clients.dynamodb, self.settings.state_table)

    @cached_property
    def jobs(self) -> JobStore:
        """What became of accepted speech."""
        return JobStore(self.clients.dynamodb, self.settings.state_table)

    @cached_property
    def queues(self) -> RenderQueues:
        """The render queues."""
        return RenderQueues(
            self.clients.sqs, self.settings.live_queue_url, self.settings.bulk_queue_url
        )

    @cached_property
    def renderer(self) -> Renderer:
        """Where a key becomes an object."""
        return self._renderer(self.cache)

    @cached_property
    def queue_renderer(self) -> Renderer:
        """The same for queued work, asking S3 itself each time.

        A pinned phrase is queued because its object went, which this process's memory may not
        have noticed.
        """
        return self._renderer(TieredCache(self.store, None, self.settings.url_ttl_s))

    @cached_property
    def phrase_files(self) -> PhraseFiles:
        """Files in the phrases bucket."""
        return PhraseFiles(self.clients.s3, self.settings.phrases_bucket)

    @cached_property
    def pinned(self) -> PinnedPhrases:
        """The phrases that are always kept rendered."""
        return PinnedPhrases(
            self.phrase_files, self.manifests, self.renderer, self.jobs, self.queues
        )

    @cached_property
    def uploads(self) -> UploadLedger:
        """How far each upload is."""
        return UploadLedger(self.clients.dynamodb, self.settings.state_table)

    @cached_property
    def upload_reports(self) -> UploadReports:
        """Progress and report objects."""
        return UploadReports(self.clients.s3, self.uploads)

    @property
    def in_process(self) -> bool:
        """Whether this is one process without AWS (CACHE_BACKEND=memory)."""
        return self.settings.cache_backend == "memory"

    def ttl_s(self, retention: str) -> int:
        """How long audio of this retention lives, in seconds."""
        if retention == "phrase":
            return self.settings.phrase_ttl_days * _DAY_S
        return self.settings.personal_ttl_days * _DAY_S

    def change_visibility(self, queue_url: str, receipt_handle: str, seconds: int) -> None:
        """Make a received message visible again after `seconds`."""
        self.clients.sqs.change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )

    def _renderer(self, cache: Cache) -> Renderer:
        return Renderer(cache, self.leases, self.host, self.manifests, self.key_secret)

    def _host_key(self) -> HostKey | None:
        arn = self.settings.host_keys_secret_arn
        return HostKey(self.clients.secretsmanager, arn) if arn else None


@cache
def assembled() -> Assembly:
    """This process's parts."""
    return Assembly(settings.read())
