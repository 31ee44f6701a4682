using NexusGen.Cli.Images;
using NexusGen.Requests;

namespace NexusGen.Cli.Batch;

/// <summary>The job of one line of a prompt file.</summary>
/// <param name="Line">The line number in the file, from 1.</param>
/// <param name="Request">The request; for an edit, the instruction and how it is carried out.</param>
/// <param name="Name">The names of the generated files.</param>
/// <param name="Image">The image to edit, or null if an image is generated.</param>
internal sealed record PromptJob(int Line, GenerateRequest Request, OutputName Name, string? Image = null)
{
    /// <summary>Whether all images of this job exist already.</summary>
    public bool IsDone => Enumerable.Range(1, Request.Settings.Count).All(number => File.Exists(Name.At(number)));
}
