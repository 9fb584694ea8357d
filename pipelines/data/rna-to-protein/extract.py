"""Writes coding RNA and the proteins that it codes for, cut into windows, from Biopython's test files.

    pip install biopython==1.88
    pip download --no-deps --no-binary :all: biopython==1.88 && tar xzf biopython-1.88.tar.gz
    python extract.py biopython-1.88/Tests/GenBank

Files come in pairs, `<part>.rna.txt` and `<part>.protein.txt`, a window a line. Genes are divided, not
windows: no gene gives rows to two parts, and genes that share a stretch of 12 amino acids count as one. `pretrain` and `pretrain-eval` are genes of the chloroplast of
Arabidopsis thaliana (NC_000932); `tune` and `tune-eval` are genes of plant nuclei, bacteria, plasmids and
viruses, with other codon usage.

`windows.jsonl` has some windows of both with what the examples of other tasks learn: where a gene is from, the
protein's mean hydropathy (Kyte and Doolittle), and the kind of amino acid of each codon.
"""

import json
import pathlib
import sys
import warnings

from Bio import BiopythonWarning, SeqIO

CODONS = 20  # of a window
STRIDE = {"pretrain": 4, "pretrain-eval": 20, "tune": 20, "tune-eval": 20}
SHARED = 12  # amino acids that make two genes kin
CHLOROPLAST = "NC_000932.gb"
HYDROPATHY = {
    "A": 1.8, "R": -4.5, "N": -3.5, "D": -3.5, "C": 2.5, "Q": -3.5, "E": -3.5, "G": -0.4, "H": -3.2, "I": 4.5,
    "L": 3.8, "K": -3.9, "M": 1.9, "F": 2.8, "P": -1.6, "S": -0.8, "T": -0.7, "W": -0.9, "Y": -1.3, "V": 4.2,
}
KINDS = {"charged": "DEKRH", "polar": "STNQYCGP", "hydrophobic": "AVILMFW"}


def labelled(rna, protein, origin):
    """A row with what can be said of a window; nothing of one with an unusual amino acid."""
    if set(protein) <= set(HYDROPATHY):
        kinds = [next(kind for kind, letters in KINDS.items() if letter in letters) for letter in protein]
        yield {
            "rna": rna,
            "origin": origin,
            "hydropathy": round(sum(HYDROPATHY[letter] for letter in protein) / len(protein), 3),
            "codons": [rna[i : i + 3] for i in range(0, len(rna), 3)],
            "kinds": kinds,
        }


def genes(folder):
    """(file, RNA, protein) of every coding sequence that translates to the protein it names."""
    seen = set()
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".gb", ".gbk", ".seq", ".gbwithparts"}:
            continue
        try:
            records = list(SeqIO.parse(path, "genbank"))
        except ValueError:
            continue  # files that are broken on purpose
        for record in records:
            for feature in record.features:
                if feature.type != "CDS" or "translation" not in feature.qualifiers:
                    continue
                try:
                    coding = feature.extract(record.seq)
                    table = int(feature.qualifiers.get("transl_table", ["1"])[0])
                    translated = str(coding.translate(table=table)).rstrip("*")
                except Exception:
                    continue  # parts of other records, or undefined sequence
                protein = feature.qualifiers["translation"][0]
                differences = sum(a != b for a, b in zip(translated, protein))
                # The first codon of a bacterial gene may be another that is read as methionine.
                if len(translated) != len(protein) or differences > 1 or (str(coding), protein) in seen:
                    continue
                seen.add((str(coding), protein))
                yield path.name, str(coding.transcribe())[: 3 * len(protein)], protein


def windows(rna, protein, stride):
    for start in range(0, max(1, len(protein) - CODONS + 1), stride):
        codons = rna[3 * start : 3 * (start + CODONS)]
        if set(codons) <= set("ACGU"):
            yield codons, protein[start : start + CODONS]


def main():
    warnings.simplefilter("ignore", BiopythonWarning)
    parts = {name: [] for name in STRIDE}
    counts = dict.fromkeys(STRIDE, 0)
    numbers = {True: 0, False: 0}
    homes = {}  # the part that a stretch of amino acids stands in
    for file, rna, protein in genes(pathlib.Path(sys.argv[1])):
        is_chloroplast = file == CHLOROPLAST
        stretches = [protein[i : i + SHARED] for i in range(len(protein) - SHARED + 1)]
        kin = [homes[stretch] for stretch in stretches if stretch in homes]
        if kin:
            name = kin[0]
        else:
            numbers[is_chloroplast] += 1
            # Every eighth gene of the chloroplast and every third of the others is held out.
            held_out = numbers[is_chloroplast] % (8 if is_chloroplast else 3) == 0
            name = ("pretrain" if is_chloroplast else "tune") + ("-eval" if held_out else "")
        if any(home != name for home in kin):
            continue  # kin of genes in two parts
        homes |= dict.fromkeys(stretches, name)
        counts[name] += 1
        parts[name] += windows(rna, protein, STRIDE[name])
    here = pathlib.Path(__file__).parent
    for name, rows in parts.items():
        rows = list(dict.fromkeys(rows))
        for column, suffix in enumerate(["rna", "protein"]):
            text = "".join(row[column] + "\n" for row in rows)
            (here / f"{name}.{suffix}.txt").write_text(text)
        print(f"{name}: {len(rows)} windows of {counts[name]} genes")
    some = [(*row, "chloroplast") for row in parts["pretrain"][::20]] + [(*row, "other") for row in parts["tune"][::3]]
    with open(here / "windows.jsonl", "w") as file:
        for rna, protein, origin in some:
            for row in labelled(rna, protein, origin):
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
