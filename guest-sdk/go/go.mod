module vuelo

go 1.24
