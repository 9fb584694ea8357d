import Foundation
import JSONSyntax
import Testing

/// A run that is killed at any moment goes on to the very same end.
@Test(arguments: [3, 8, 14])
func aKilledRunResumesToTheSameBytes(afterSteps: Int) throws {
  let command = try Command()
  let checkpoint = "      checkpoint: {every: 4 steps, keep: 2}"
  for name in ["whole", "killed"] {
    try command.write(
      command.pipeline(name: name, extra: checkpoint, steps: 20), to: "\(name).yaml")
  }
  #expect(try command.run("run", "--quiet", "whole.yaml").status == 0)

  let (output, errors) = (Pipe(), Pipe())
  let process = try command.start(
    ["run", "--events", "-", "killed.yaml"], output: output, errors: errors)
  var text = ""
  while text.components(separatedBy: "\"event\": \"step\"").count <= afterSteps {
    let data = output.fileHandleForReading.availableData
    if data.isEmpty { break }
    text += String(decoding: data, as: UTF8.self)
  }
  kill(process.processIdentifier, SIGKILL)
  process.waitUntilExit()

  #expect(try command.run("run", "--quiet", "--resume", "killed.yaml").status == 0)
  let adapter = "adapter/adapter_model.safetensors"
  #expect(try command.bytes("runs/whole/\(adapter)") == command.bytes("runs/killed/\(adapter)"))
  let losses = try ["whole", "killed"].map { name in
    try command.lines("runs/\(name)/metrics.jsonl").map { $0["loss"]?.number }
  }
  #expect(losses[0].count == 20)
  #expect(losses[0] == losses[1])
}
