# Reads apt's own source files, one-line (*.list) and deb822 (*.sources), and writes the deb822 source of another suite of the
# archive that serves the release. Options of the entry it is derived from (Signed-By, Trusted, ...) come along.
#   awk -v codename=bookworm -v alias=oldstable -v wanted=bookworm-backports -f sibling-source.awk FILE...
# Exit status: 0 = written to standard output, 3 = an enabled entry for the wanted suite, by its codename or as that of the alias,
# is there already and always is not set, 4 = no enabled entry for the release itself was found.

FNR == 1 { end_stanza() }
FILENAME ~ /\.list$/ { read_line($0); next }
/^#/ { next }
/^[ \t]*$/ { end_stanza(); next }
/^[ \t]/ { if (field != "") value[field] = value[field] "\n" $0; next }
{
  colon = index($0, ":")
  if (colon == 0) next
  name = substr($0, 1, colon - 1)
  field = tolower(name)
  spelled[field] = name
  order[++fields] = field
  value[field] = trim(substr($0, colon + 1))
}

END {
  end_stanza()
  if (present && !always) exit 3
  best = 0
  for (i = 1; i <= candidates; i++) {
    if (best == 0 || score(i) > score(best)) best = i
  }
  if (best == 0) exit 4
  printf "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n%s", uri_of[best], wanted, options_of[best]
}

function trim(text) {
  gsub(/^[ \t]+|[ \t]+$/, "", text)
  return text
}

# score prefers the archive that also serves the release's updates, then one signed by the distribution's keyring or laid out
# like its mirrors: third parties name their suites after the release too.
function score(i) {
  return 4 * (plain(uri_of[i]) in has_updates) + 2 * (tolower(options_of[i]) ~ /debian-archive/) + (plain(uri_of[i]) ~ /\/debian(\/|$)/)
}

function plain(uri) {
  sub(/\/+$/, "", uri)
  return uri
}

function has_word(words, word,    list, n, i) {
  n = split(words, list, /[ \t\n]+/)
  for (i = 1; i <= n; i++) {
    if (list[i] == word) return 1
  }
  return 0
}

function wanted_by_alias(    name) {
  name = wanted
  sub("^" codename, alias, name)
  return name
}

function add_entry(uris, suites, components, options,    list, n, i) {
  if (!has_word(components, "main")) return
  n = split(uris, list, /[ \t\n]+/)
  for (i = 1; i <= n; i++) {
    if (list[i] == "" || list[i] ~ /^cdrom:/) continue
    if (has_word(suites, wanted) || has_word(suites, wanted_by_alias())) present = 1
    if (has_word(suites, codename "-updates") || has_word(suites, alias "-updates")) has_updates[plain(list[i])] = 1
    if (!has_word(suites, codename) && !has_word(suites, alias)) continue
    candidates++
    uri_of[candidates] = list[i]
    options_of[candidates] = options
  }
}

function end_stanza(    i, name, options) {
  if (has_word(value["types"], "deb") && tolower(value["enabled"]) !~ /^(no|false|without|off|disable|0)$/) {
    for (i = 1; i <= fields; i++) {
      name = order[i]
      if (name ~ /^(types|uris|suites|components|enabled|description|x-.*)$/) continue
      options = options spelled[name] ":" (value[name] ~ /^\n/ ? "" : " ") value[name] "\n"
    }
    add_entry(value["uris"], value["suites"], value["components"], options)
  }
  split("", value)
  split("", order)
  fields = 0
  field = ""
}

# option_field gives the deb822 name of a one-line option; apt reads names without regard to case.
function option_field(name,    suffix) {
  suffix = ""
  if (name ~ /\+$/) suffix = "-Add"
  if (name ~ /-$/) suffix = "-Remove"
  sub(/[+-]$/, "", name)
  if (name == "arch") name = "Architectures"
  else if (name == "lang") name = "Languages"
  else if (name == "target") name = "Targets"
  else if (name == "signed-by") name = "Signed-By"
  else name = toupper(substr(name, 1, 1)) substr(name, 2)
  return name suffix
}

function read_line(line,    bracket, list, n, i, equals, options, words, components) {
  sub(/#.*/, "", line)
  line = trim(line)
  if (line !~ /^deb[ \t]/) return
  line = trim(substr(line, 4))
  if (line ~ /^\[/) {
    bracket = index(line, "]")
    if (bracket == 0) return
    n = split(trim(substr(line, 2, bracket - 2)), list, /[ \t]+/)
    for (i = 1; i <= n; i++) {
      equals = index(list[i], "=")
      if (equals == 0) continue
      words = substr(list[i], equals + 1)
      gsub(/,/, " ", words)
      options = options option_field(tolower(substr(list[i], 1, equals - 1))) ": " words "\n"
    }
    line = trim(substr(line, bracket + 1))
  }
  n = split(line, list, /[ \t]+/)
  for (i = 3; i <= n; i++) components = components " " list[i]
  add_entry(list[1], list[2], components, options)
}
