# One image for every process of the console; the command says which one it becomes.
FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CONSOLE_HOME=/var/lib/console HOST=0.0.0.0 PORT=8000
WORKDIR /srv/console
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN python -m console.words compile \
 && useradd --system --home-dir /var/lib/console --create-home console
USER console
EXPOSE 8000
CMD ["python", "manage.py", "serve", "web"]
