for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    const key = row => row.cells[column].dataset.n ?? row.cells[column].textContent.trim();
    const empty = row => row.cells[column].textContent.trim() === "–";
    const compare = (a, b) => isNaN(key(a)) || isNaN(key(b))
      ? key(a).localeCompare(key(b), "en", { numeric: true }) : key(a) - key(b);
    const rows = [...table.tBodies[0].rows].sort(
      (a, b) => empty(a) - empty(b) || (up ? 1 : -1) * compare(a, b));
    heads.forEach(each => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    table.tBodies[0].append(...rows);
  }));
}
