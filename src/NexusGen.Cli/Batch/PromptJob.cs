using NexusGen.Cli.Images;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>The job of one line of a prompt file.</summary>
/// <param name="Line">The line number in the file, from 1.</param>
/// <param name="Request">The request.</param>
/// <param name="Name">The names of the generated files.</param>
internal sealed record PromptJob(int Line, GenerateRequest Request, OutputName Name)
{
    /// <summary>Whether all images of this job exist already.</summary>
    public bool IsDone => Enumerable.Range(1, Request.Settings.Count).All(number => File.Exists(Name.At(number)));
}
