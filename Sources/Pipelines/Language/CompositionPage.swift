/// The part of the reference page that explains how a pipeline is composed.
enum CompositionPage {
  static let text = """
    ## Composition

    A pipeline can be laid over another, take values from variables and make several runs of one text. It happens in
    this order, before a setting is read: what `extends` names, `--set`, the cases of `matrix`, variables.
    `hone plan --details` prints every value with where it came from.

    ### `extends`

    ```yaml
    extends: base.yaml              # beside this file
    name: longer
    data:
      support: {max_length: 1024}   # the rest of `support` is the base's
    stages:
      train: {epochs: 5}            # the base's stage of that name or kind, and its other settings
    ```

    * Mappings are merged, key by key. Lists and single values replace what the base has.
    * A mapping under `stages` changes settings of the base's stages, each by its name or kind.
    * A key drops those of the base that it excludes: `max_steps` drops `epochs`, `full` drops `lora`, `mix` drops `load`.
    * A word that names a section is opened: `{warmup: 10%}` over `cosine` is `{cosine: {}, warmup: 10%}`.
    * A base can extend another, at most \(Composition.Limit.bases) deep, and need not be a whole pipeline.
    * A path to read is relative to the file that says it.

    ### `vars` and `${…}`

    ```yaml
    vars: {rank: 8, size: small, modules: [q_proj, v_proj]}
    name: support-${size}-r${rank}
    model: {load: "${env.MODELS:-models}/smollm2"}
    ```

    * `${name}` as the whole of a value is the variable with its type: a number, a boolean, a list, a mapping. Inside a text
      it is written out. Between `{…}` and `[…]` YAML needs quotes around it: `{r: "${rank}"}`.
    * `${env.NAME}` is what the environment says, always a text; `${env.NAME:-default}` has a default. Its value appears in
      plans and reports, so keep secrets out of it.
    * Variables may use variables. They stand in values, not in keys, and not in `extends`.
    * `$${` writes a literal `${`. `{{column}}` in a template is another thing and stays.

    ### `--set`

    ```sh
    hone run pipeline.yaml --set vars.rank=16 --set 'stages[train].train.schedule={cosine: {}}'
    ```

    The path is written with dots; `[0]` is an element of a list, `[train]` a stage by its name or kind, and a key with dots
    in it stands in double quotes. The value is YAML and replaces what is there; mappings on the way are made. The later
    `--set` counts more.

    ### `matrix`

    ```yaml
    name: ranks
    matrix: {rank: [4, 8, 16], alpha: [16, 32]}   # six runs: ranks-rank-4-alpha-16, …
    ```

    ```yaml
    matrix:
      - {name: small, rank: 4}
      - {name: large, rank: 64, alpha: 128}
    ```

    Each case binds variables over `vars`, the last of a grid varies fastest, at most \(Composition.Limit.cases) cases. The pipeline's
    `name`, and with it the default `output`, ends with the name of the case unless its own variables tell the cases apart.
    `${case}` is that name: write it into paths that the pipeline writes to, as `export: {adapter: "out/${case}"}`.

    """
}
