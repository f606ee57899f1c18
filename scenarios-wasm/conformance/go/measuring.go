package main

import (
	"math"
	"time"

	"vuelo"
)

func metrics() error {
	things, level := vuelo.NewCounter("things"), vuelo.NewGauge("level")
	share, lengths := vuelo.NewRate("share"), vuelo.NewTrend("lengths")
	things.Add(1)
	things.Add(2.5, vuelo.Tag{"colour", "red"})
	level.Set(5)
	level.Set(-3.5)
	share.Add(true)
	share.Add(false)
	share.Add(false)
	lengths.Add(0.25)
	lengths.AddDuration(1_500_000 * time.Nanosecond)
	vuelo.NewTrend("sizes").Add(1048576)
	return nil
}

func f64() error {
	level := vuelo.NewGauge("level")
	for _, edge := range []struct {
		name  string
		value float64
	}{
		{"max", math.MaxFloat64},
		{"min", -math.MaxFloat64},
		{"tiny", math.SmallestNonzeroFloat64},
		{"third", 0.1},
		{"whole", 9007199254740991},
		{"zero", math.Copysign(0, -1)},
	} {
		level.Set(edge.value, vuelo.Tag{"edge", edge.name})
	}
	return nil
}

func u64() error {
	vuelo.NewTrend("lengths").AddDuration(9007199254740993)
	return nil
}

func nonsense() error {
	things := vuelo.NewCounter("things")
	things.Add(-1)
	things.Add(math.NaN())
	things.Add(math.Inf(1))
	return nil
}

func undeclaredMetric() error {
	vuelo.NewCounter("nobody").Add(1)
	return nil
}

func wrongMetric() error {
	vuelo.NewCounter("level")
	return nil
}

func checks() error {
	vuelo.Check("holds", true)
	vuelo.Check("holds", false)
	vuelo.Check("Grüße 🦉", true, vuelo.Tag{"colour", "red"})
	return nil
}
