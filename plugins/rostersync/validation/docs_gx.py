"""Great Expectations' Data Docs with our pages: what a rule looks like, and no reference to elsewhere.

Only ever imported inside functions (see gx_engine). GX finds these classes by name, from a site's
configuration.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from great_expectations.expectations.expectation import (  # noqa: TID253 - see above
    BatchExpectation,
    render_suite_parameter_string,
)
from great_expectations.render import (  # noqa: TID253 - see above
    LegacyDiagnosticRendererType,
    LegacyRendererType,
    RenderedHeaderContent,
    RenderedStringTemplateContent,
)
from great_expectations.render.renderer import (  # noqa: TID253 - see above
    ValidationResultsPageRenderer,
)
from great_expectations.render.renderer.renderer import renderer  # noqa: TID253 - see above
from great_expectations.render.view import DefaultJinjaPageView  # noqa: TID253 - see above
from jinja2 import ChoiceLoader, FileSystemLoader

TEMPLATES = Path(__file__).with_name("data_docs")

_BADGES = {"critical": "badge-danger", "error": "badge-warning", "warning": "badge-info"}


class ExpectRuleToBeMet(BatchExpectation):
    """A rule that was evaluated, to be shown: never evaluated itself."""

    column: str
    rule: str
    severity_word: str
    hint: str
    check: str
    metric_dependencies: ClassVar = ()

    def _validate(self, *_: Any, **__: Any) -> Any:
        """GX takes a class without this for an abstract one."""
        raise NotImplementedError

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    @render_suite_parameter_string
    def _prescriptive_renderer(cls, configuration: Any = None, **_: Any) -> list[Any]:
        """The rule's name as reports say it, what to do, and what GX evaluated."""
        shown = configuration.kwargs
        badge = _BADGES[shown["severity_word"]]
        return [
            RenderedStringTemplateContent(
                string_template={
                    "template": "$severity $rule $hint $check",
                    "params": {
                        "severity": shown["severity_word"],
                        "rule": shown["rule"],
                        "hint": shown["hint"],
                        "check": shown["check"],
                    },
                    "styling": {
                        "params": {
                            "severity": {"classes": ["badge", badge]},
                            "rule": {"tag": "strong"},
                            "hint": {"classes": ["docs-hint"]},
                            "check": {"tag": "small", "classes": ["docs-check"]},
                        }
                    },
                }
            )
        ]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _observed_value(cls, result: Any = None, **_: Any) -> str:
        count = result.result["observed_value"]
        return "none" if count == 0 else f"{count:,} record{'s' if count > 1 else ''}"


class FilePageRenderer(ValidationResultsPageRenderer):
    """GX's page of a validation, without its link to the page of a suite: there is none."""

    @classmethod
    def _render_validation_header(cls, validation_results: Any) -> Any:
        met = validation_results.success
        icon = "fa-check-circle text-success" if met else "fa-times text-danger"
        return RenderedHeaderContent(
            header=_text("Overview", tag="h5", styling={"classes": ["m-0"]}),
            subheader=_text(
                "${html_success_icon} $outcome",
                params={
                    "html_success_icon": f'<i class="fas {icon}" aria-hidden="true"></i>',
                    "outcome": "Every rule was met" if met else "Not every rule was met",
                },
            ),
            styling={
                "classes": ["col-12", "p-0"],
                "header": {"classes": ["alert", "alert-secondary"]},
            },
        )


def _text(template: str, **more: Any) -> Any:
    return RenderedStringTemplateContent(string_template={"template": template, **more})


class FilePageView(DefaultJinjaPageView):
    """Our page around GX's sections. ``site``: what the page says of district and slot."""

    _template = "page.html"

    def __init__(
        self,
        custom_styles_directory: str | None = None,
        custom_views_directory: str | None = None,
        *,
        site: dict[str, Any],
    ) -> None:
        super().__init__(custom_styles_directory, custom_views_directory)
        self.env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), self.env.loader])
        self.env.globals["site"] = site
