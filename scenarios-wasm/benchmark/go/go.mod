module benchmark

go 1.24

require vuelo v0.1.0

replace vuelo => ../../../guest-sdk/go
