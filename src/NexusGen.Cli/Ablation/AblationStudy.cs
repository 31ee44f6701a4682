using NexusGen.Training.Data;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Ablation;

/// <summary>A question, and the ways to train that answer it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Question">What is asked.</param>
/// <param name="Arms">What is compared.</param>
internal sealed record AblationStudy(string Name, string Question, IReadOnlyList<AblationArm> Arms)
{
    /// <summary>The names of all studies.</summary>
    public static IReadOnlyList<string> Names { get; } = ["prefill", "unified"];

    /// <summary>The study of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="source">The data of a task and its weight.</param>
    public static AblationStudy Of(string name, Func<WorldTask, double, DataSource> source) => name == "prefill" ? Prefill(source) : Unified(source);

    // Section 3 of the paper: errors of plain autoregression add up along the picture.
    private static AblationStudy Prefill(Func<WorldTask, double, DataSource> source)
    {
        DataSource[] data = [source(WorldTask.Generate, 1)];
        return new AblationStudy(
            "prefill",
            "Does prefilled autoregression draw better than plain autoregression, trained from the same start on the same data?",
            [new("prefilled", data, 1, Plain: false, [WorldTask.Generate]), new("plain", data, 1, Plain: true, [WorldTask.Generate])]);
    }

    // The sum of the single models' steps is the unified one's, and each task's samples are as many either way.
    private static AblationStudy Unified(Func<WorldTask, double, DataSource> source)
    {
        WorldTask[] tasks = [WorldTask.Understand, WorldTask.Generate, WorldTask.Edit];
        return new AblationStudy(
            "unified",
            "Is one model for all tasks as good as a model for each, at the same cost in all?",
            [
                new("unified", [.. tasks.Select(task => source(task, 1))], tasks.Length, Plain: false, tasks),
                .. tasks.Select(task => new AblationArm($"{task.ToString().ToLowerInvariant()}-only", [source(task, 1)], 1, Plain: false, [task])),
            ]);
    }
}
