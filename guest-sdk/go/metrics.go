package vuelo

import "time"

// Counter is a sum that only grows.
type Counter struct{ *resource }

// NewCounter is the counter that the options declare by this name. A name that
// they do not is a trap, as for every metric.
func NewCounter(name string) *Counter {
	return &Counter{own(importCounterNew(name), importCounterDrop)}
}

// Add adds to it.
func (c *Counter) Add(value float64, tags ...Tag) {
	t := pairs(tags)
	importCounterAdd(c.handle, value, t.start(), t.count)
}

// Gauge is a value of which the last, the lowest and the highest are kept.
type Gauge struct{ *resource }

// NewGauge is the gauge that the options declare by this name.
func NewGauge(name string) *Gauge {
	return &Gauge{own(importGaugeNew(name), importGaugeDrop)}
}

// Set sets it.
func (g *Gauge) Set(value float64, tags ...Tag) {
	t := pairs(tags)
	importGaugeSet(g.handle, value, t.start(), t.count)
}

// Rate is the share of samples that are true.
type Rate struct{ *resource }

// NewRate is the rate that the options declare by this name.
func NewRate(name string) *Rate {
	return &Rate{own(importRateNew(name), importRateDrop)}
}

// Add adds one sample.
func (r *Rate) Add(value bool, tags ...Tag) {
	t := pairs(tags)
	importRateAdd(r.handle, value, t.start(), t.count)
}

// Trend is a distribution, with percentiles.
type Trend struct{ *resource }

// NewTrend is the trend that the options declare by this name.
func NewTrend(name string) *Trend {
	return &Trend{own(importTrendNew(name), importTrendDrop)}
}

// Add adds one sample, in the unit of the declaration.
func (t *Trend) Add(value float64, tags ...Tag) {
	l := pairs(tags)
	importTrendAdd(t.handle, value, l.start(), l.count)
}

// AddDuration adds a length of time to a trend in milliseconds.
func (t *Trend) AddDuration(value time.Duration, tags ...Tag) {
	l := pairs(tags)
	importTrendAddDuration(t.handle, nanoseconds(value), l.start(), l.count)
}
