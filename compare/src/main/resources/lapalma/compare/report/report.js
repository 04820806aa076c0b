"use strict";

// A click on a heading sorts by its column, a second one the other way round.
for (const button of document.querySelectorAll("thead button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const column = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const rows = [...body.rows];
    const number = (row) => (row.cells[column].dataset.sort === undefined ? NaN : Number(row.cells[column].dataset.sort));
    const text = (row) => row.cells[column].textContent;
    rows.sort((a, b) => {
      const x = number(a);
      const y = number(b);
      // What was not measured stays at the end.
      if (x === Infinity || y === Infinity) return x === y ? 0 : x === Infinity ? 1 : -1;
      if (Number.isNaN(x) || Number.isNaN(y)) return text(a).localeCompare(text(b)) * (down ? -1 : 1);
      return (x - y) * (down ? -1 : 1);
    });
    body.append(...rows);
  });
}

// Raw data: the page holds it, so that it needs no other file.
for (const button of document.querySelectorAll("[data-save]")) {
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.download = `${button.dataset.save}.csv`;
    link.href = URL.createObjectURL(new Blob([document.getElementById(button.dataset.save).textContent], { type: "text/csv" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

// On paper, what is folded is shown, except the raw data.
const folded = document.querySelectorAll("main details");
addEventListener("beforeprint", () => folded.forEach((one) => { one.open = true; }));
