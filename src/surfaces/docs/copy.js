/* Puts a button to copy it beside each example, where the browser lets a page copy. */
if (navigator.clipboard) {
  for (const example of document.querySelectorAll('pre.example')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy: ${example.getAttribute('aria-label')}`);
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(example.textContent);
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
    const frame = document.createElement('div');
    frame.className = 'frame';
    example.replaceWith(frame);
    frame.append(example, button);
  }
}
