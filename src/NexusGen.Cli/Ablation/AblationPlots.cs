using NexusGen.Training.Autoregressive;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace NexusGen.Cli.Ablation;

/// <summary>A comparison in pictures, as SVG.</summary>
/// <param name="study">What was compared.</param>
/// <param name="report">The results.</param>
internal sealed class AblationPlots(AblationStudy study, AblationReport report)
{
    private const double Width = 760, Height = 420;

    /// <summary>The errors of a task by place: a line for each way, a dashed one with true inputs.</summary>
    /// <param name="task">The task.</param>
    public string Errors(string task)
    {
        PlotModel plot = Plot($"{task}: error of the predicted embeddings");
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "place along the picture", MinimumMajorStep = 1 });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "mean squared error", Minimum = 0, MajorGridlineStyle = LineStyle.Dot });
        foreach (AblationArm arm in study.Arms.Where(arm => report.Of(arm.Name)[0].Errors.ContainsKey(task)))
        {
            DrawingErrors[] own = [.. report.Of(arm.Name).Select(result => result.Errors[task])];
            plot.Series.Add(Line($"{arm.Name}, running freely", [.. own.Select(errors => errors.Free)], LineStyle.Solid));
            if (arm.Plain)
            {
                plot.Series.Add(Line($"{arm.Name}, true inputs", [.. own.Select(errors => errors.Forced)], LineStyle.Dash));
            }
        }

        return Write(plot);
    }

    /// <summary>The scores of all ways, a bar with its standard deviation for each task.</summary>
    public string Scores()
    {
        PlotModel plot = Plot("share of held-out cases judged right");
        var names = new CategoryAxis { Position = AxisPosition.Left, Key = "ways" };
        names.Labels.AddRange(study.Arms.Reverse().Select(arm => arm.Name));
        plot.Axes.Add(names);
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, Maximum = 1, MajorGridlineStyle = LineStyle.Dot });
        foreach (string task in study.Arms.SelectMany(arm => report.Of(arm.Name)[0].Scores.Keys).Distinct())
        {
            var bars = new ErrorBarSeries { Title = task, StrokeThickness = 0 };
            foreach ((AblationArm arm, int place) in study.Arms.Reverse().Select((arm, i) => (arm, i)))
            {
                double[] scores = [.. report.Of(arm.Name).Where(result => result.Scores.ContainsKey(task)).Select(result => result.Scores[task])];
                if (scores.Length > 0)
                {
                    bars.Items.Add(new ErrorBarItem(AblationReport.Mean(scores), AblationReport.Deviation(scores), place));
                }
            }

            plot.Series.Add(bars);
        }

        return Write(plot);
    }

    private static LineSeries Line(string title, IReadOnlyList<IReadOnlyList<double>> seeds, LineStyle style)
    {
        var line = new LineSeries { Title = title, LineStyle = style, MarkerType = MarkerType.Circle, MarkerSize = 3 };
        line.Points.AddRange(Enumerable.Range(0, seeds[0].Count).Select(i => new DataPoint(i + 1, AblationReport.Mean(seeds.Select(seed => seed[i])))));
        return line;
    }

    private static PlotModel Plot(string title)
    {
        var plot = new PlotModel { Title = title, TitleFontSize = 14, Background = OxyColors.White };
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        return plot;
    }

    private static string Write(PlotModel plot) => new SvgExporter { Width = Width, Height = Height }.ExportToString(plot);
}
