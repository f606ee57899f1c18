"""One request again and again, for Locust, which counts it."""

from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    """A virtual user."""

    @task
    def get(self) -> None:
        """Sends it."""
        self.client.get("/health")
