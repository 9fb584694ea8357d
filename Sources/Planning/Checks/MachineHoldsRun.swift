import Artifacts
import Diagnostics
import Pipelines

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the machine has, as far as a run depends on it.
///
/// It never becomes part of a plan, which is the same on every machine.
package struct MachineFacts: Sendable {
  /// A file system and what is free on it.
  package struct Volume: Hashable, Sendable {
    package let identity: UInt64
    package let freeBytes: Int

    package init(identity: UInt64, freeBytes: Int) {
      self.identity = identity
      self.freeBytes = freeBytes
    }
  }

  /// The memory of the machine; nil where it is not known.
  package let memoryBytes: Int?
  /// The file system of a directory that is there.
  package let volume: @Sendable (String) -> Volume?

  package init(memoryBytes: Int?, volume: @escaping @Sendable (String) -> Volume?) {
    self.memoryBytes = memoryBytes
    self.volume = volume
  }

  /// The machine that this process runs on.
  package static var current: MachineFacts {
    let (bytes, overflow) = Int(sysconf(Int32(_SC_PHYS_PAGES))).multipliedReportingOverflow(
      by: Int(sysconf(Int32(_SC_PAGESIZE))))
    return MachineFacts(memoryBytes: overflow || bytes <= 0 ? nil : bytes) { path in
      var status = statvfs()
      guard statvfs(path, &status) == 0 else { return nil }
      let (free, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(
        by: Int(clamping: status.f_frsize))
      return Volume(identity: UInt64(status.f_fsid), freeBytes: overflow ? .max : free)
    }
  }
}

/// The machine has the memory and the disk that a plan needs.
enum MachineHoldsRun {
  static func findings(
    _ plan: Plan, _ pipeline: Pipeline, on machine: MachineFacts
  ) -> [Diagnostic] {
    memoryFindings(plan, pipeline, machine) + diskFindings(plan, pipeline, machine)
  }

  private static func memoryFindings(
    _ plan: Plan, _ pipeline: Pipeline, _ machine: MachineFacts
  ) -> [Diagnostic] {
    guard let bytes = machine.memoryBytes, plan.memory.peakBytes > bytes else { return [] }
    let place = governor(of: plan, pipeline)
    return [
      Diagnostic(
        .warning, .machineTooSmall,
        "the run needs \(Quantities.bytes(plan.memory.peakBytes)) at its peak; this machine has "
          + Quantities.bytes(bytes),
        at: place.span ?? pipeline.model.span, path: place.path, help: place.help)
    ]
  }

  /// The setting that decides the largest part of the peak.
  private static func governor(
    of plan: Plan, _ pipeline: Pipeline
  ) -> (span: SourceSpan?, path: String, help: String) {
    let memory = plan.memory
    let computing = memory.activationBytes + memory.workspaceBytes
    let training = memory.trainableBytes + memory.gradientBytes + memory.optimizerBytes
    for case .train(let train) in pipeline.stages.map(\.work) where computing > memory.frozenBytes {
      guard computing >= training else { break }
      let size = train.batch.size
      return (
        size.span ?? train.data.span, size.path,
        "lower `batch.size` and raise `batch.accumulate`, which keeps the step as it is"
      )
    }
    for stage in pipeline.stages where training > memory.frozenBytes {
      if case .train(let train) = stage.work, case .full = train.method {
        return (
          stage.span, stage.path + ".train.method",
          "train an adapter: `method: {lora: {r: 8, alpha: 16}}`"
        )
      }
    }
    return (
      pipeline.model.dtype.span, pipeline.model.dtype.path,
      "keep the weights in `dtype: bfloat16`, or use a smaller model"
    )
  }

  private static func diskFindings(
    _ plan: Plan, _ pipeline: Pipeline, _ machine: MachineFacts
  ) -> [Diagnostic] {
    var needed: [(volume: MachineFacts.Volume, bytes: Int)] = []
    for output in plan.outputs {
      guard let bytes = output.byteCount,
        let volume = machine.volume(nearestDirectory(above: output.path))
      else { continue }
      if let index = needed.firstIndex(where: { $0.volume.identity == volume.identity }) {
        needed[index].bytes += bytes
      } else {
        needed.append((volume, bytes))
      }
    }
    return needed.filter { $0.bytes > $0.volume.freeBytes }.map { need in
      Diagnostic(
        .warning, .machineTooSmall,
        "the run writes \(Quantities.bytes(need.bytes)); "
          + "\(Quantities.bytes(need.volume.freeBytes)) are free",
        at: pipeline.output.span ?? pipeline.name.span, path: pipeline.output.path,
        help: "keep fewer checkpoints, or name a directory on another disk in `output`")
    }
  }

  /// The directory at `path`, or the nearest one above it that is there.
  private static func nearestDirectory(above path: String) -> String {
    var path = path
    while path != ".", path != "/", FilePaths.kind(of: path) != .directory {
      path = FilePaths.directory(of: path)
    }
    return path
  }
}
