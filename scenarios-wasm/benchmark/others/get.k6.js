// One request and one count, again and again, for k6.
import http from 'k6/http';
import { Counter } from 'k6/metrics';

const sent = new Counter('sent');

export default function () {
  http.get(`${__ENV.BASE_URL}/health`);
  sent.add(1);
}
