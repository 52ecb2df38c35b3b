# Every target that needs the environment first runs scripts/setup, which prints its folder.
#   PYTHON=python3.13 make test     another interpreter, in an environment of its own (.envs/3.13.0)
#   make test ARGS="-k deadlines"   further words for pytest
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test check format coverage bench clean

ARGS ?=
WITH_ENVIRONMENT = env=$$(sh scripts/setup) && export PYTHONDONTWRITEBYTECODE=1 &&
WORKERS = -n logical --maxprocesses 4

help:  ## liệt kê các lệnh
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup:  ## dựng môi trường (mọi lệnh dưới đây tự gọi)
	@sh scripts/setup

demo:  ## chạy thử các kế hoạch thật qua một năm, thư gửi vào hộp thư nội bộ
	@sh scripts/demo $(ARGS)

test:  ## chạy mọi phép thử
	@$(WITH_ENVIRONMENT) CHROMIUM=$$(sh scripts/browser) && export CHROMIUM && "$$env/bin/python" -m pytest $(WORKERS) $(ARGS)

check:  ## trình bày, lỗi thường gặp, kiểu dữ liệu, chiều phụ thuộc, tài liệu (dưới một phút)
	@$(WITH_ENVIRONMENT) \
	"$$env/bin/ruff" format --check . && \
	"$$env/bin/ruff" check . && \
	"$$env/bin/python" -m mypy && \
	"$$env/bin/python" -m pytest -q tests/test_layers.py tests/test_documents.py

format:  ## trình bày lại mã nguồn
	@$(WITH_ENVIRONMENT) "$$env/bin/ruff" check --fix --exit-zero --quiet . && "$$env/bin/ruff" format .

coverage:  ## chạy mọi phép thử và đo phần mã được thử
	@$(WITH_ENVIRONMENT) CHROMIUM=$$(sh scripts/browser) && export CHROMIUM && \
	"$$env/bin/coverage" erase && \
	"$$env/bin/coverage" run -m pytest $(WORKERS) $(ARGS) && \
	"$$env/bin/coverage" combine --quiet && "$$env/bin/coverage" report

bench:  ## đo thời gian và bộ nhớ với nhiều dữ liệu
	@if [ ! -f benchmarks/run.py ]; then echo "Chưa có phép đo nào (benchmarks/run.py)." >&2; exit 1; fi
	@$(WITH_ENVIRONMENT) "$$env/bin/python" benchmarks/run.py $(ARGS)

clean:  ## xoá môi trường và mọi thứ sinh ra (không đụng tới dữ liệu)
	rm -rf .venv .envs .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov \
		coverage.xml build dist
	find engine notifiers web tests -name __pycache__ -type d -exec rm -rf {} +
