/// What a run takes from outside: the clock, who listens, and whether to stop.
package struct RunContext: Sendable {
  /// Seconds since some fixed moment.
  package let now: @Sendable () -> Double
  /// Told everything that happens.
  package let emit: @Sendable (RunEvent) -> Void
  /// Asked after every step: true saves the state and stops.
  package let isInterrupted: @Sendable () -> Bool
  /// The most memory that the process has had resident, in bytes.
  package let peakMemory: @Sendable () -> Int

  package init(
    now: @escaping @Sendable () -> Double, emit: @escaping @Sendable (RunEvent) -> Void,
    isInterrupted: @escaping @Sendable () -> Bool, peakMemory: @escaping @Sendable () -> Int
  ) {
    self.now = now
    self.emit = emit
    self.isInterrupted = isInterrupted
    self.peakMemory = peakMemory
  }
}
