/**
 * This device's steady clock: milliseconds near the Unix epoch that never jump, even when a TV that started in 1970
 * finds out the time.
 */
export function now() {
  return performance.timeOrigin + performance.now();
}
