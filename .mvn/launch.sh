# What the launchers at the root share: a build when there is none that is up to date. Sourced by bash after `set -euo pipefail`; they set
#   root        the folder of the project
#   name        how the launcher is called
#   modules     what is built, and the last of them is what runs
#   classpath   the file that the build writes the class path of the last module to
#   maven       more options of Maven

# Whether there is a class path, all that it names is there, and no source is newer. Another build may have cleaned what this one refers to.
is_fresh() {
  local module entry sources=("$root/pom.xml")
  [ -s "$classpath" ] || return 1
  while IFS= read -r entry; do
    [ -z "$entry" ] || [ -e "$entry" ] || return 1
  done < <(echo "$root/$last/target/classes"; tr ':' '\n' <"$classpath"; echo)
  for module in "${modules[@]}"; do sources+=("$root/$module/src/main" "$root/$module/pom.xml"); done
  [ -z "$(find "${sources[@]}" -newer "$classpath" -print -quit)" ]
}

build() {
  local module started=$root/$last/target/build.started
  echo "$name: building (the first time Maven downloads what it needs)" >&2
  # The Kotlin compiler would see the classes of the last build beside the sources, and stumble over what has changed since.
  for module in "${modules[@]}"; do rm -rf "$root/$module"/target/{classes,maven-status}; done
  rm -f "$classpath"
  mkdir -p "$root/$last/target"
  : >"$started"
  (cd "$root" && mvn -q -B -ntp -Dstyle.color=never ${maven[@]+"${maven[@]}"} -pl "$last" -am -DskipTests -Dspotless.check.skip=true \
    process-classes) </dev/null >&2 || { echo "$name: the build failed" >&2; exit 1; }
  # The start, as the file system tells the time: a source that was edited during the build is newer, one of a fresh clone is older.
  touch -r "$started" "$classpath"
}

build_if_stale() {
  local last=${modules[${#modules[@]} - 1]}
  if is_fresh; then return; fi
  # Two that are started at once must not build into the same folders: the second waits, and finds a build.
  exec 9<"$root/pom.xml"
  if command -v flock >/dev/null; then flock 9; fi
  if ! is_fresh; then build; fi
  exec 9<&-
}
