using NexusGen.Training.Data;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Ablation;

/// <summary>A research question and the arms that answer it.</summary>
/// <param name="Name">The name of the study.</param>
/// <param name="Question">The question.</param>
/// <param name="Arms">The arms that are compared.</param>
internal sealed record AblationStudy(string Name, string Question, IReadOnlyList<AblationArm> Arms)
{
    /// <summary>The names of all studies.</summary>
    public static IReadOnlyList<string> Names { get; } = ["prefill", "unified"];

    /// <summary>Returns the study with the given name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="source">Creates the data source of a task with the given weight.</param>
    public static AblationStudy Of(string name, Func<WorldTask, double, DataSource> source) =>
        name == "prefill" ? Prefill(source) : Unified(source);

    // Section 3 of the paper: the errors of plain autoregression accumulate along the image.
    private static AblationStudy Prefill(Func<WorldTask, double, DataSource> source)
    {
        DataSource[] data = [source(WorldTask.Generate, 1)];
        return new AblationStudy(
            "prefill",
            "Does prefilled autoregression generate better images than plain autoregression, trained from the same start on the "
            + "same data?",
            [
                new("prefilled", data, 1, Plain: false, [WorldTask.Generate]),
                new("plain", data, 1, Plain: true, [WorldTask.Generate])
            ]);
    }

    // The steps of the single-task models add up to those of the unified model, and each task has the same number of samples in
    // both.
    private static AblationStudy Unified(Func<WorldTask, double, DataSource> source)
    {
        WorldTask[] tasks = [WorldTask.Understand, WorldTask.Generate, WorldTask.Edit];
        return new AblationStudy(
            "unified",
            "Is one model for all tasks as good as one model per task, at the same total cost?",
            [
                new("unified", [.. tasks.Select(task => source(task, 1))], tasks.Length, Plain: false, tasks),
                .. tasks.Select(task => new AblationArm(
                    $"{task.ToString().ToLowerInvariant()}-only", [source(task, 1)], 1, Plain: false, [task])),
            ]);
    }
}
