"""``python -m risk_service`` is ``risk-service``."""

from risk_service.cli import main

if __name__ == "__main__":
    main()
