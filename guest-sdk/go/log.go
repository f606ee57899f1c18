package vuelo

import "fmt"

const (
	levelDebug = iota
	levelInfo
	levelWarn
	levelError
)

// Debugf writes a line that is shown with --verbose alone.
func Debugf(format string, arguments ...any) { write(levelDebug, format, arguments) }

// Infof writes a line.
func Infof(format string, arguments ...any) { write(levelInfo, format, arguments) }

// Warnf writes a line that is marked.
func Warnf(format string, arguments ...any) { write(levelWarn, format, arguments) }

// Errorf writes a line that is marked and counted.
func Errorf(format string, arguments ...any) { write(levelError, format, arguments) }

func write(level uint32, format string, arguments []any) {
	importLogWrite(level, fmt.Sprintf(format, arguments...))
}
