using System.Globalization;
using System.Text;
using NexusGen.Training.Autoregressive;

namespace NexusGen.Cli.Ablation;

/// <summary>Writes the results of a comparison as Markdown tables.</summary>
/// <param name="study">The study.</param>
/// <param name="settings">The settings of the comparison.</param>
/// <param name="results">The results of all trainings.</param>
/// <param name="alignment">The score after each phase of the alignment; empty if it was not measured.</param>
internal sealed class AblationReport(
    AblationStudy study, AblationSettings settings, IReadOnlyList<ArmResult> results,
    IReadOnlyList<(string Way, double Score)> alignment)
{
    /// <summary>Returns the mean over the seeds.</summary>
    public static double Mean(IEnumerable<double> values) => values.Average();

    /// <summary>Returns the sample standard deviation over the seeds, or 0 for a single seed.</summary>
    public static double Deviation(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    /// <summary>Returns the results of an arm for all seeds.</summary>
    public IReadOnlyList<ArmResult> Of(string arm) => [.. results.Where(result => result.Arm == arm)];

    /// <summary>Returns the report as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# nexusgen ablate {study.Name}").AppendLine()
            .AppendLine(study.Question).AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Shared start: {settings.StartSteps} steps of understanding from random weights. Each arm: {settings.Steps} steps "
            + $"of {settings.BatchSize} conversations{Multiples()}, {settings.Seeds} seeds. ShapesWorld with up to "
            + $"{settings.MaxObjects} objects; {settings.Cases} held-out cases per task. Mean ± standard deviation over the "
            + $"seeds.").AppendLine();
        Scores(text);
        Errors(text);
        if (alignment.Count > 0)
        {
            text.AppendLine("## Effect of each phase").AppendLine()
                .AppendLine("| generation | correct |").AppendLine("|---|---|");
            foreach ((string way, double score) in alignment)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"| {way} | {score:0.000} |");
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    private string Multiples()
    {
        string[] more =
        [
            .. study.Arms.Where(arm => arm.Share != 1)
                .Select(arm => string.Create(CultureInfo.InvariantCulture, $"{arm.Name}: {arm.Share} times as many"))
        ];
        return more.Length == 0 ? "" : $" ({string.Join(", ", more)})";
    }

    private void Scores(StringBuilder text)
    {
        string[] tasks = [.. results.SelectMany(result => result.Scores.Keys).Distinct()];
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| arm | {string.Join(" | ", tasks.Select(task => task + ", correct"))} | hours | FLOPs |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|---|{string.Concat(tasks.Select(_ => "---|"))}---|---|");
        foreach (AblationArm arm in study.Arms)
        {
            IReadOnlyList<ArmResult> own = Of(arm.Name);
            IEnumerable<string> scores = tasks.Select(
                task => own[0].Scores.ContainsKey(task) ? Spread([.. own.Select(result => result.Scores[task])]) : "-");
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {arm.Name} | {string.Join(" | ", scores)} | {Mean(own.Select(result => result.Hours)):0.00} | "
                + $"{Mean(own.Select(result => result.Flops)):0.##e+0} |");
        }

        text.AppendLine();
    }

    private void Errors(StringBuilder text)
    {
        foreach (string task in results.SelectMany(result => result.Errors.Keys).Distinct())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"## Errors of predicted embeddings: {task}").AppendLine();
            text.AppendLine("Mean squared error by position in the image (the variance of the embeddings is about 1).")
                .AppendLine();
            int places = results.First(result => result.Errors.ContainsKey(task)).Errors[task].Free.Count;
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| arm | all | cosine | {string.Join(" | ", Enumerable.Range(1, places))} |");
            text.AppendLine(CultureInfo.InvariantCulture, $"|---|---|---|{string.Concat(Enumerable.Repeat("---|", places))}");
            foreach (AblationArm arm in study.Arms.Where(arm => Of(arm.Name)[0].Errors.ContainsKey(task)))
            {
                PredictionErrors[] own = [.. Of(arm.Name).Select(result => result.Errors[task])];
                Row(text, $"{arm.Name}, teacher-forced", [.. own.Select(errors => errors.Forced)], "-");
                Row(
                    text,
                    $"{arm.Name}, free-running",
                    [.. own.Select(errors => errors.Free)],
                    Spread([.. own.Select(errors => errors.Cosine)]));
            }

            text.AppendLine();
        }
    }

    private static void Row(StringBuilder text, string name, IReadOnlyList<IReadOnlyList<double>> seeds, string cosine)
    {
        IEnumerable<string> places = Enumerable.Range(0, seeds[0].Count).Select(i => Number(Mean(seeds.Select(seed => seed[i]))));
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| {name} | {Spread([.. seeds.Select(seed => seed.Average())])} | {cosine} | {string.Join(" | ", places)} |");
    }

    private static string Spread(IReadOnlyList<double> values) => $"{Number(Mean(values))} ± {Number(Deviation(values))}";

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
