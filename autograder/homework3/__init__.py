"""Homework 3: softmax regression and the multivariate chain rule."""
