# Runs the JUnit tests of a suite's pom.xml; sourced by its run, after need.sh. What Maven downloads and builds is kept in
# ${XDG_CACHE_HOME:-~/.cache}/bufeo; every version in a pom.xml is a fixed one.
# shellcheck shell=sh disable=SC2154 # here

# maven_suite CLIENT
maven_suite() {
    need java 17 "$(java -version 2>&1 | sed -n 's/.*version "\([0-9.]*\).*/\1/p')" default-jdk-headless
    need mvn 3 "$(mvn --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p')" maven
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/bufeo
    build=$(mktemp -d)
    trap 'rm -rf "$build"' EXIT
    with_server "$1" "$(sed -n 's:.*<client.version>\(.*\)</client.version>.*:\1:p' "$here/pom.xml")" \
        mvn --batch-mode --no-transfer-progress --quiet -Dstyle.color=never --file "$here/pom.xml" "-Dmaven.repo.local=$cache/maven" "-Dbufeo.build=$build" \
        test
}
