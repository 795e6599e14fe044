# Reference values of R: Rscript tests.R > r.json
set.seed(20261130)
list_of <- function(v) paste0("[", paste(format(v, digits = 15, trim = TRUE, scientific = FALSE), collapse = ", "), "]")
holm <- lapply(c(1, 2, 3, 5, 8, 13, 40), function(n) {
  p <- round(runif(n)^3, 6)
  if (n > 3) p[2] <- p[3] # equal ones
  paste0('  {"p": ', list_of(p), ', "adjusted": ', list_of(p.adjust(p, "holm")), "}")
})
wilcox <- lapply(list(c(5, 5, 1), c(10, 10, 0.5), c(12, 9, 1), c(40, 49, 0.3), c(60, 60, 0.3), c(80, 70, 0)), function(s) {
  a <- round(rnorm(s[1]), 6)
  b <- round(rnorm(s[2], s[3]), 6)
  p <- wilcox.test(a, b, exact = max(s[1:2]) <= 50, correct = TRUE)$p.value
  paste0('  {"a": ', list_of(a), ', "b": ', list_of(b), ', "p": ', format(p, digits = 15), "}")
})
cat('{\n "made_by": "Rscript tests.R, ', R.version.string, '",\n "holm": [\n', paste(holm, collapse = ",\n"), '\n ],\n "wilcox": [\n',
  paste(wilcox, collapse = ",\n"), "\n ]\n}\n", sep = "")
