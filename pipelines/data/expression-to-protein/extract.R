# Writes rna.csv and protein.csv from the miniACC tables of Debian's r-bioc-multiassayexperiment.
#
#   Rscript extract.R /usr/lib/R/site-library/MultiAssayExperiment/data/miniACC.RData
#
# A row is a tumour (its TCGA patient barcode), a column a gene or a protein. RNA counts become
# log2(1 + count); protein abundances are as the array reports them. Tumours without both are left out.
file <- commandArgs(trailingOnly = TRUE)[1]
contents <- new.env()
suppressWarnings(load(file, contents))
experiments <- attr(attr(contents$miniACC, "ExperimentList"), "listData")
samples <- attr(attr(contents$miniACC, "sampleMap"), "listData")

# A matrix with a row a tumour.
table_of <- function(assay) {
  store <- attr(attr(experiments[[assay]], "assays"), ".xData")
  values <- attr(store$data, "listData")[[1]]
  rownames(values) <- attr(experiments[[assay]], "NAMES")
  colnames(values) <- attr(attr(experiments[[assay]], "colData"), "rownames")
  of_assay <- samples$assay == assay
  patients <- samples$primary[of_assay][match(colnames(values), samples$colname[of_assay])]
  values <- t(values)
  rownames(values) <- patients
  values[!duplicated(patients), ]
}

write_table <- function(values, file) {
  lines <- c(
    paste(c("sample", colnames(values)), collapse = ","),
    apply(cbind(rownames(values), formatC(values, digits = 4, format = "f")), 1, paste,
      collapse = ","))
  writeLines(lines, file)
}

rna <- log2(1 + table_of("RNASeq2GeneNorm"))
protein <- table_of("RPPAArray")
both <- sort(intersect(rownames(rna), rownames(protein)))
write_table(rna[both, ], "rna.csv")
write_table(protein[both, ], "protein.csv")
