import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { cache } from './api/cache.ts';
import { App } from './app.tsx';
import { showTheme } from './shell/theme.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/parts.css';
import './ui/bars.css';
import './ui/lists.css';
import './ui/letter.css';
import './ui/page.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
showTheme();
createRoot(root).render(
  <QueryClientProvider client={cache}>
    <App />
  </QueryClientProvider>,
);
