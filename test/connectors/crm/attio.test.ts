import { startAttioBench } from './attio_bench.ts';
import { crmConformance } from './conformance.ts';

crmConformance(startAttioBench);
