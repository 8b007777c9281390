"""viewflow's own pages, which its own step goes through."""

from django.urls import path
from viewflow.workflow.flow import FlowAppViewset

from bench.stock import StockFlow

urlpatterns = [
    path("stock/", FlowAppViewset(StockFlow, app_name="stock", namespace="stock").urls)
]
