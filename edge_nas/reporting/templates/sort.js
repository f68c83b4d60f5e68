// A click on a heading sorts the rows below it by that column; another click turns the order round.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const value = (row, column) => {
    const text = row.cells[column].firstChild ? row.cells[column].firstChild.textContent.trim() : "";
    const number = parseFloat(text.replace(/[,\s]/g, "").replace("\u2212", "-").replace("\u2013", "NaN"));
    const unit = { M: 1e6, k: 1e3 }[(/^[\d.,]+ ([Mk])$/.exec(text) || [])[1]] || 1;
    return Number.isNaN(number) ? text : number * unit;
  };
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "ascending" : "descending");
      const order = (first, second) => {
        const [a, b] = [value(first, column), value(second, column)];
        const compared = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
        return down ? compared : -compared;
      };
      body.append(...[...body.rows].sort(order));
    });
  });
}
