import Foundation
import JSONSyntax
import Testing

/// The plan's memory is what the run takes: the run's own buffers within 5 %, the process within 15 %.
///
/// The process adds what the plan can only estimate: pages of libraries, the allocator's slack, and
/// arena pages that are rounded up to huge ones.
@Test func thePlannedMemoryIsWhatTheRunTakes() throws {
  let command = try Command()
  try command.write(
    command.pipeline(
      name: "memory", hiddenSize: 512, layers: 8, rows: "size: 16, packing: true", steps: 2),
    to: "memory.yaml")
  #expect(try command.run("run", "--quiet", "memory.yaml").status == 0)
  let plan = try JSONValue(
    parsing: String(decoding: command.bytes("runs/memory/plan.json"), as: UTF8.self))
  let used = try #require(
    try command.lines("runs/memory/events.jsonl").first { $0["event"] == "memory" })
  let planned = try #require(plan["memory"])

  for part in ["activation_bytes", "gradient_bytes", "optimizer_bytes"] {
    let (expected, actual) = (planned[part]?.number ?? 0, used[part]?.number ?? 0)
    #expect(expected > 0)
    #expect(abs(actual / expected - 1) <= 0.05, "\(part): planned \(expected), used \(actual)")
  }
  let (expected, actual) = (
    planned["peak_bytes"]?.number ?? 0, used["process_peak_bytes"]?.number ?? 0
  )
  #expect(abs(actual / expected - 1) <= 0.15, "planned \(expected), used \(actual)")
}
