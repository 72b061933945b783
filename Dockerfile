FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app \
    RISK_HOST=0.0.0.0 RISK_DATABASE_URL=sqlite:////data/risk.sqlite3
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY models models
COPY training training
COPY risk_service risk_service
RUN useradd --system --uid 10001 risk && mkdir /data && chown risk /data \
 && printf '#!/bin/sh\nexec python -m risk_service "$@"\n' > /usr/local/bin/risk-service \
 && chmod +x /usr/local/bin/risk-service
USER risk
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["risk-service", "serve"]
