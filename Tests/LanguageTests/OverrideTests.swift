import Diagnostics
import Pipelines
import Testing

@Suite struct OverrideTests {
  private func read(
    _ backend: String, _ overrides: [PipelineOverride]
  ) -> (BackendSection?, [Diagnostic]) {
    let text =
      "hone: 1\nname: a\nmodel: {load: m}\nstages: [{generate: {prompts: [a]}}]\n" + backend
    let (pipeline, diagnostics) = PipelineReader.read(
      file: "t", text: Array(text.utf8), overrides: overrides)
    return (pipeline?.backend, diagnostics)
  }

  @Test func withoutAWordTheBackendIsCPU() {
    let (backend, _) = read("", [])
    #expect(backend?.name == Setting(.cpu, path: "backend", origin: .default))
    #expect(backend?.threads == nil)
  }

  @Test func theFileNamesABackendAndItsThreads() {
    let (backend, _) = read("backend: {cpu: {threads: 3}}", [])
    #expect(backend?.name.span?.start.line == 5)
    #expect(backend?.threads?.value == 3)
    #expect(backend?.threads?.path == "backend.cpu.threads")
    #expect(read("backend: reference", []).0?.name.value == .reference)
    #expect(read("backend: {reference: {}}", []).0?.name.value == .reference)
    #expect(read("backend: {reference: {threads: 2}}", []).1.map(\.code) == [.unknownKey])
    #expect(read("backend: {}", []).1.map(\.code) == [.missingKey])
    #expect(read("backend: [cpu]", []).1.map(\.code) == [.wrongType])
    #expect(read("backend: gpuu", []).1.map(\.code) == [.unknownChoice])
  }

  @Test func theCommandLineCountsMoreThanTheFile() {
    let (backend, diagnostics) = read(
      "backend: {cpu: {threads: 3}}", [.backend("reference")])
    #expect(diagnostics.isEmpty)
    #expect(backend?.name == Setting(.reference, path: "backend", origin: .option("--backend")))
    #expect(backend?.threads == nil)
    #expect(
      read("", [.threads(4)]).0?.threads
        == Setting(4, path: "backend.cpu.threads", origin: .option("--threads")))
  }

  @Test func whatTheCommandLineCannotMeanIsRefused() {
    #expect(read("", [.backend("gpu")]).1.map(\.code) == [.unknownChoice])
    #expect(read("", [.threads(0)]).1.map(\.code) == [.valueOutOfRange])
    #expect(
      read("backend: reference", [.threads(2)]).1.map(\.message)
        == ["`--threads` has no place beside the `reference` backend"])
  }
}
