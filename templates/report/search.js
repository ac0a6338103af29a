// Filters the table of Services. Without it the page is the same, and shows all of them.
(() => {
  'use strict';
  const box = document.getElementById('search');
  const field = document.getElementById('query');
  const count = document.getElementById('matches');
  if (box === null || field === null || count === null) return;
  const services = [...document.querySelectorAll('#ports > tbody')];
  const texts = new Map();

  // Hashes in the names of chains hold any three letters somewhere: they count only if a chain is asked for.
  const OWN = ':scope > tr:first-child > *, .frontends th[scope=row], .endpoints th[scope=row]';

  const textOf = (service, whole) => {
    const key = whole ? 'whole' : 'own';
    const known = texts.get(service)?.[key];
    if (known !== undefined) return known;
    const cells = whole ? [service] : [...service.querySelectorAll(OWN)];
    const text = cells
      .map((cell) => cell.textContent)
      .join(' ')
      .toLowerCase();
    texts.set(service, { ...texts.get(service), [key]: text });
    return text;
  };

  const show = () => {
    const words = field.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    let shown = 0;
    for (const service of services) {
      service.hidden = !words.every((word) => textOf(service, word.startsWith('kube-')).includes(word));
      if (!service.hidden) shown += 1;
    }
    count.textContent = words.length === 0 ? '' : `${shown} of ${services.length} shown`;
  };

  const remember = () => {
    const words = field.value.trim();
    history.replaceState(null, '', words === '' ? '#services' : `#q=${encodeURIComponent(words)}`);
  };

  const wordsOf = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  // `#q=web` searches, a link to a Service shows and opens it.
  const follow = () => {
    const { hash } = location;
    if (hash.startsWith('#q=')) {
      field.value = wordsOf(hash.slice(3));
      show();
      box.scrollIntoView();
      return;
    }
    const service = services.find(({ id }) => `#${id}` === hash);
    if (service === undefined) return;
    if (service.hidden) {
      field.value = '';
      show();
    }
    service.querySelector('details').open = true;
    service.scrollIntoView();
  };

  field.addEventListener('input', () => {
    show();
    remember();
  });
  addEventListener('hashchange', follow);
  box.hidden = false;
  follow();
})();
