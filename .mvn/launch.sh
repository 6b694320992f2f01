# What the launchers at the root share: a build when there is none that is up to date. Sourced by bash after `set -euo pipefail`; they set
#   root        the folder of the project
#   name        how the launcher is called
#   modules     what is built, and the last of them is what runs
#   classpath   the file that the build writes the class path of the last module to
#   maven       more options of Maven
#   java        the JVM

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

# For a fast start the JVM takes classes from an archive that it has made before (class data sharing). It archives nothing from folders, so the
# class path is copied into jars. Both are made at the first start after a build, the archive for each JVM that is used. Sets
#   runtime     the class path to run with, jars or not
#   fast        options of the JVM; none when there is no archive, which is no error
#
# prepare_fast_start CLASS OPTION...: CLASS does in short what the program does; OPTIONS are those of the JVM that change what an archive is for.
prepare_fast_start() {
  local last=${modules[${#modules[@]} - 1]} training=$1 path folder archive
  shift
  fast=()
  runtime=$root/$last/target/classes:$(<"$classpath")
  path=$(readlink -f "$(command -v "$java")") || return 0
  folder=$root/$last/target/$name.fast
  archive=$folder/${path//\//-}.jsa
  # One that is older than the class path is of another build.
  if [ ! "$archive" -nt "$classpath" ]; then
    exec 9<"$root/pom.xml"
    if command -v flock >/dev/null; then flock 9; fi
    if [ ! "$archive" -nt "$classpath" ]; then make_archive "$training" "$@" 2>/dev/null; fi
    exec 9<&-
  fi
  # It is empty when this JVM makes none. A JVM that was replaced finds that the archive is not its own, and starts without it.
  [ "$archive" -nt "$classpath" ] && [ -s "$archive" ] || return 0
  runtime=$(<"$folder/classpath")
  fast=(-XX:SharedArchiveFile="$archive" -Xshare:auto -Xlog:cds=off)
}

# Leaves what is in use alone until what is new is complete.
make_archive() {
  local training=$1 new=$folder/new.archive jars
  shift
  mkdir -p "$folder" && [ -w "$folder" ] || return 0
  echo "$name: building an archive of classes, for a fast start with this JVM" >&3
  rm -f "$archive" || return 0
  if make_jars; then
    jars=$(<"$folder/classpath")
    # Classes of signed jars are not archived, and the JDK 17 crashes when one of them has a lambda in the list.
    if run_java -XX:DumpLoadedClassList="$new.all" "$@" -cp "$jars" "$training" && grep -v org/bouncycastle "$new.all" >"$new.list" &&
      run_java -Xshare:dump -XX:SharedClassListFile="$new.list" -XX:SharedArchiveFile="$new" "$@" -cp "$jars" && [ -s "$new" ]; then
      rm -f "$new".*
      mv "$new" "$archive" && return 0
    fi
    rm -f "$new" "$new".*
  fi
  : >"$archive" || return 0
}

run_java() {
  "$java" "$@" </dev/null >/dev/null 2>&1 9<&-
}

# The jars are those of this build when the file that lists them is newer.
make_jars() {
  local jar=${path%/*}/jar entry entries count=0 all=
  [ ! "$folder/classpath" -nt "$classpath" ] || return 0
  [ -x "$jar" ] || return 1
  IFS=: read -r -a entries <<<"$runtime"
  for entry in "${entries[@]}"; do
    if [ -d "$entry" ]; then
      count=$((count + 1))
      "$jar" --create --no-compress --file "$folder/new.jar" -C "$entry" . >/dev/null && mv "$folder/new.jar" "$folder/$count.jar" || return 1
      entry=$folder/$count.jar
    fi
    all+=${all:+:}$entry
  done
  printf %s "$all" >"$folder/classpath.new" && mv "$folder/classpath.new" "$folder/classpath"
}
