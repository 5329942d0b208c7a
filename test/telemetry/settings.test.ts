import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';

const TOKEN = 'a-token-of-machines';
const endpoint = 'http://127.0.0.1:4318';

describe('the settings', () => {
  it('turn telemetry off by default', () => {
    expect(readConfig({})).toMatchObject({ metrics: { token: null, port: null }, otel: null });
  });

  it('are read', () => {
    const env = { TOUCHLINE_METRICS_TOKEN: TOKEN, TOUCHLINE_METRICS_PORT: '9464' };
    expect(readConfig(env).metrics).toEqual({ token: TOKEN, port: 9464 });
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).otel).toEqual({
      endpoint,
      service_name: 'touchline',
    });
    const named = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'touchline-work' };
    expect(readConfig(named).otel).toEqual({ endpoint, service_name: 'touchline-work' });
  });

  it.each([
    ['TOUCHLINE_METRICS_TOKEN', 'short'],
    ['TOUCHLINE_METRICS_TOKEN', 'words with spaces in it'],
    ['TOUCHLINE_METRICS_PORT', '65536'],
    ['TOUCHLINE_METRICS_PORT', 'http'],
    ['TOUCHLINE_TRUSTED_PROXIES', '127.0.0.1, proxy.example'],
    ['TOUCHLINE_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TOUCHLINE_TRUSTED_PROXIES', '0.0.0.0/0'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://127.0.0.1:4317'],
  ])('%s=%s is refused by its name', (name, value) => {
    const refusal = { code: 'config_invalid', errors: [{ path: name, message: expect.any(String) }] };
    expect(() => readConfig({ [name]: value })).toThrow(expect.objectContaining(refusal));
  });
});
