/// Findings about plans and runs.
extension DiagnosticExplanation {
  static let warmupExceedsSteps = DiagnosticExplanation(
    "the warm-up does not end within the training",
    """
    The learning rate rises over the warm-up and would never reach its value, or never fall after
    it. Make the warm-up shorter, or train longer.
    """,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            max_steps: 100
            schedule: {cosine: {}, warmup: 200}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            max_steps: 100
            schedule: {cosine: {}, warmup: 10}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let cadenceExceedsRun = DiagnosticExplanation(
    "what is to happen every so often never happens",
    """
    The interval of a checkpoint, of an evaluation while training or of a step schedule is longer than
    the stage. The final weights are written and the last step is measured all the same, but nothing
    in between is, and a learning rate that is to fall stays where it is.
    """, warning: .whenPlanning,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            max_steps: 100
            checkpoint: {every: 500 steps}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl, split: {train: 0.9, eval: 0.1}}
      stages:
        - train:
            data: support.train
            method: {lora: {r: 8, alpha: 16}}
            max_steps: 100
            checkpoint: {every: 50 steps}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let machineTooSmall = DiagnosticExplanation(
    "the machine has less memory or disk than the run needs",
    """
    The plan adds up what the run needs at its peak, and what it will write. Both are compared with
    this machine when a plan is made on it. Make batches smaller and `accumulate` larger, keep fewer
    checkpoints, or run it on another machine.
    """, warning: .whenPlanning, foundByReading: false,
    bad: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
        often: {mix: [{data: support, weight: 2000}]}
      stages:
        - train:
            data: often
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            batch: {size: 65536}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """,
    good: """
      hone: 1
      name: demo
      model: {load: models/smollm2}
      data:
        support: {load: data/support.jsonl}
        often: {mix: [{data: support, weight: 2000}]}
      stages:
        - train:
            data: often
            method: {lora: {r: 8, alpha: 16}}
            epochs: 1
            batch: {size: 16, accumulate: 4096}
            optimizer: {adamw: {learning_rate: 1e-4}}
      """)

  static let noGradient = DiagnosticExplanation(
    "no gradient reaches the weights that are trained",
    """
    After the first step with something to learn every gradient is exactly zero, so that training
    would change nothing. The weights are cut off from the loss; nothing has been changed or written
    yet.
    """)

  static let outputOccupied = DiagnosticExplanation(
    "the output directory is in use",
    """
    A run never writes over another one. Go on with it by `--resume`, start anew in its place by
    `--overwrite`, or name another directory with `output`.
    """, warning: .whenPlanning)

  static let cannotResume = DiagnosticExplanation(
    "a run cannot be gone on with",
    """
    Going on gives exactly what the uninterrupted run would have given, so the pipeline, the model
    and the data must be those of the run's beginning, and its checkpoint must be whole.
    """)

  static let stalePlan = DiagnosticExplanation(
    "a saved plan no longer fits",
    """
    `hone run plan.json` does that plan or nothing. The pipeline, the model's files, the data or
    Hone itself have changed since it was made; each difference is named below the finding. Undo
    the change, or look at the new plan and save it with `hone plan --out`. `hone diff` shows the
    differences with all that follows from them.
    """)

  static let alreadyRun = DiagnosticExplanation(
    "a saved plan was carried out already",
    """
    A saved plan is a decision, and it is carried out once: the run's directory holds a finished
    run of this very plan. The same plan gives the same result again. To do it anew in its place
    all the same, add `--again`.
    """)

  static let memoryAboveLimit = DiagnosticExplanation(
    "the run needs more memory than allowed",
    """
    `--max-memory` holds the peak that the plan shows against a limit. The finding stands at the
    setting that governs the largest part, and its help names a change that fits: found by planning
    again with it.
    """)

  static let timeAboveLimit = DiagnosticExplanation(
    "the run takes longer than allowed",
    """
    `--max-time` holds the time that the plan estimates, from a short measurement of the backend on
    this machine, against a limit. The finding stands at the setting that governs the longest
    stage, and its help names a training that ends in time.
    """)

  static let lossNotFinite = DiagnosticExplanation(
    "the loss is not a finite number",
    """
    Training has diverged: the loss is infinite or not a number, and everything after it would be
    too. Lower `learning_rate`, add a warm-up, or keep `clip_norm` at 1.0. The last checkpoint is
    from before.
    """)

  static let unsupportedByBackend = DiagnosticExplanation(
    "the backend cannot do this",
    """
    A backend declares what it computes, and the plan needs something else. Choose another backend
    with `--backend`.
    """)

  static let internalError = DiagnosticExplanation(
    "Hone has made a mistake",
    """
    This is not your doing. Please report it with the pipeline and the message; the state of the
    run is as its last checkpoint left it.
    """)
}
