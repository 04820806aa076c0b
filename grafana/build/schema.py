"""Writes a TypeScript file that assigns every committed dashboard to Grafana's own type of a dashboard.

schema.py FOLDER    writes FOLDER/check.ts; tsc says what does not fit
"""

import sys
from pathlib import Path

DASHBOARDS = Path(__file__).parent.parent / "dashboards"

TYPES = """\
import type { AnnotationQuery, Dashboard, Panel, RowPanel } from "@grafana/schema";

// JSON holds the values of enums, not their names.
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? number extends T ? T : `${T}` extends `${infer N extends number}` ? N : T
    : T extends (infer E)[] ? Json<E>[]
    : T extends object ? { [K in keyof T]: Json<T[K]> }
    : T;

// The types leave open what a datasource adds to an annotation: Prometheus has these.
type Annotation = AnnotationQuery & {
  expr: string; step: string; titleFormat: string; textFormat: string;
};

type File = Json<Omit<Dashboard, "annotations" | "panels">> & {
  annotations: { list?: Json<Annotation>[] };
  panels: (Json<Panel> | Json<RowPanel>)[];
};
"""


def main() -> None:
    lines = [TYPES]
    for path in sorted(DASHBOARDS.glob("*.json")):
        lines.append(f"export const {path.stem}: File = {path.read_text(encoding='utf-8').strip()};\n")
    (Path(sys.argv[1]) / "check.ts").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
