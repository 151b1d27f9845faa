"""The picture of a part: conversion off the GUI thread, zoom and pan, outlines of regions."""
