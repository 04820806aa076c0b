# Compares the words of each page with tools/prose/words.txt: awk -f words.awk words.txt <(wc -w …)
FNR == NR { if ($1 !~ /^#/) most[$2] = $1; next }
$2 == "total" { next }
$2 ~ /^(lines-of-java|files)$/ {
  if ($1 > most[$2]) complain("The project has " $1 " " $2 ", and may have " most[$2] ": remove what another part does too.")
  sizes = sizes ", " $1 " " $2
  delete most[$2]
  next
}
{ all += $1; pages++ }
!($2 in most) { complain($2 " has no budget in tools/prose/words.txt."); next }
$1 > most[$2] { complain($2 " has " $1 " words, and may have " most[$2] ": say less, or what it says elsewhere once.") }
{ delete most[$2] }
END {
  if (all > most["total"]) complain("All pages have " all " words, and may have " most["total"] ".")
  delete most["total"]
  for (page in most) complain(page " has a budget in tools/prose/words.txt, but is gone.")
  if (!failed) print pages " pages have " all " words" sizes "."
  exit failed
}
function complain(sentence) { print sentence > "/dev/stderr"; failed = 1 }
