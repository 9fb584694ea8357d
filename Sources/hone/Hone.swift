import ArgumentParser

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The command: one subcommand a verb.
@main
struct Hone: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hone",
    abstract: "Fine-tune models from a YAML pipeline.",
    discussion: """
      A first run:
        hone init                     writes a commented pipeline.yaml
        hone validate pipeline.yaml   is it right?
        hone plan pipeline.yaml       what will happen, and what will it cost?
        hone run pipeline.yaml        do it

      Exit codes: 0 done, 1 pipeline invalid or above a limit, 2 work is pending \
      (`plan --detailed-exitcode`) or plans differ (`diff --exit-code`), 3 a stage failed, 4 plan \
      stale or already run, 64 usage, 70 a bug in Hone, 130 interrupted with the state saved.
      """,
    version: Version.current,
    subcommands: [
      Validate.self, PlanCommand.self, Run.self, Diff.self, Explain.self, Schema.self,
      Backends.self,
      Inspect.self, Init.self, Logits.self, Bench.self, TokenizerCommand.self,
    ])

  /// Runs the command; a reader that goes away, as in `| head`, ends no process of ours.
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    main(nil)
  }
}
