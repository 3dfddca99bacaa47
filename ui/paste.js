// Photos that are pasted go where dropped ones go: into Streamlit's own uploader, which knows the limits and sends them.

let pasted = 0; // for their names: browsers call every one of them image.png

function mount({ data }) {
  const paste = (event) => {
    const photos = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    const input = document.querySelector(`.st-key-${data.uploader} input[type=file]`);
    if (!photos.length || !input) return; // text goes where text goes
    event.preventDefault();
    const bag = new DataTransfer();
    for (const photo of photos) bag.items.add(renamed(photo));
    input.files = bag.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}

function renamed(photo) {
  const ending = photo.name.includes(".") ? photo.name.split(".").at(-1) : photo.type.split("/")[1];
  const name = photo.name.startsWith("image.") || !photo.name ? `pasted ${++pasted}.${ending}` : photo.name;
  return new File([photo], name, { type: photo.type });
}
