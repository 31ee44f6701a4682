using System.Globalization;
using System.Text;
using NexusGen.Training.Autoregressive;

namespace NexusGen.Cli.Ablation;

/// <summary>A comparison in numbers: tables for a person, as Markdown.</summary>
/// <param name="study">What was compared.</param>
/// <param name="settings">How much was spent.</param>
/// <param name="results">What each training came to.</param>
/// <param name="alignment">What each phase brings; empty where that was not asked.</param>
internal sealed class AblationReport(
    AblationStudy study, AblationSettings settings, IReadOnlyList<ArmResult> results, IReadOnlyList<(string Way, double Score)> alignment)
{
    /// <summary>Mean over the seeds.</summary>
    public static double Mean(IEnumerable<double> values) => values.Average();

    /// <summary>Standard deviation over the seeds; 0 of one.</summary>
    public static double Deviation(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    /// <summary>The results of a way, all seeds.</summary>
    public IReadOnlyList<ArmResult> Of(string arm) => [.. results.Where(result => result.Arm == arm)];

    /// <summary>The report.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# nexusgen ablate {study.Name}").AppendLine().AppendLine(study.Question).AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"One start ({settings.StartSteps} steps of understanding from random weights), then {settings.Steps} steps of {settings.BatchSize} conversations for each way"
            + $"{Multiples()}, {settings.Seeds} seeds; ShapesWorld with up to {settings.MaxObjects} objects; {settings.Cases} held-out cases a task. Mean ± standard deviation over the seeds.").AppendLine();
        Scores(text);
        Errors(text);
        if (alignment.Count > 0)
        {
            text.AppendLine("## What each phase brings").AppendLine().AppendLine("| generation | right |").AppendLine("|---|---|");
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
        string[] more = [.. study.Arms.Where(arm => arm.Share != 1).Select(arm => string.Create(CultureInfo.InvariantCulture, $"{arm.Name} {arm.Share} times that"))];
        return more.Length == 0 ? "" : $" ({string.Join(", ", more)})";
    }

    private void Scores(StringBuilder text)
    {
        string[] tasks = [.. results.SelectMany(result => result.Scores.Keys).Distinct()];
        text.AppendLine(CultureInfo.InvariantCulture, $"| way | {string.Join(" | ", tasks.Select(task => task + ", right"))} | hours | operations |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|---|{string.Concat(tasks.Select(_ => "---|"))}---|---|");
        foreach (AblationArm arm in study.Arms)
        {
            IReadOnlyList<ArmResult> own = Of(arm.Name);
            IEnumerable<string> scores = tasks.Select(task => own[0].Scores.ContainsKey(task) ? Spread([.. own.Select(result => result.Scores[task])]) : "-");
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {arm.Name} | {string.Join(" | ", scores)} | {Mean(own.Select(result => result.Hours)):0.00} | {Mean(own.Select(result => result.Flops)):0.##e+0} |");
        }

        text.AppendLine();
    }

    private void Errors(StringBuilder text)
    {
        foreach (string task in results.SelectMany(result => result.Errors.Keys).Distinct())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"## Errors of predicted embeddings: {task}").AppendLine();
            text.AppendLine("Mean squared error by place along the picture (the embeddings' own variance is about 1).").AppendLine();
            int places = results.First(result => result.Errors.ContainsKey(task)).Errors[task].Free.Count;
            text.AppendLine(CultureInfo.InvariantCulture, $"| way | all | cosine | {string.Join(" | ", Enumerable.Range(1, places))} |");
            text.AppendLine(CultureInfo.InvariantCulture, $"|---|---|---|{string.Concat(Enumerable.Repeat("---|", places))}");
            foreach (AblationArm arm in study.Arms.Where(arm => Of(arm.Name)[0].Errors.ContainsKey(task)))
            {
                DrawingErrors[] own = [.. Of(arm.Name).Select(result => result.Errors[task])];
                Row(text, $"{arm.Name}, true inputs", [.. own.Select(errors => errors.Forced)], "-");
                Row(text, $"{arm.Name}, running freely", [.. own.Select(errors => errors.Free)], Spread([.. own.Select(errors => errors.Cosine)]));
            }

            text.AppendLine();
        }
    }

    private static void Row(StringBuilder text, string name, IReadOnlyList<IReadOnlyList<double>> seeds, string cosine)
    {
        IEnumerable<string> places = Enumerable.Range(0, seeds[0].Count).Select(i => Number(Mean(seeds.Select(seed => seed[i]))));
        text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {Spread([.. seeds.Select(seed => seed.Average())])} | {cosine} | {string.Join(" | ", places)} |");
    }

    private static string Spread(IReadOnlyList<double> values) => $"{Number(Mean(values))} ± {Number(Deviation(values))}";

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
