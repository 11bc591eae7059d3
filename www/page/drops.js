// Files that are dropped anywhere on the page.

/** @param {(files: File[]) => void} onFiles called with the files that a person dropped */
export function acceptDrops(onFiles) {
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  });
}
