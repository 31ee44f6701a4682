using System.Globalization;

namespace NexusGen.Training.Logging;

/// <summary>What a step took on one rank, as means since the last report.</summary>
/// <param name="Compute">The seconds of forward and backward passes, and of the optimizer.</param>
/// <param name="Data">The seconds that it waited for batches.</param>
/// <param name="Exchange">The seconds of the exchange with other ranks, including waiting for slower ones.</param>
/// <param name="Memory">The peak memory of the process in bytes.</param>
internal readonly record struct RankTime(double Compute, double Data, double Exchange, double Memory)
{
    /// <summary>Gets the seconds that the rank needed for itself.</summary>
    public double Own => Compute + Data;

    /// <summary>Describes a rank that the others have to wait for, or returns null if there is none.</summary>
    /// <param name="ranks">The times of all ranks.</param>
    public static string? Slowest(IReadOnlyList<RankTime> ranks)
    {
        const double muchSlower = 1.25, seconds = 0.01;
        int slowest = ranks.Index().MaxBy(rank => rank.Item.Own).Index;
        RankTime[] others = [.. ranks.Where((_, i) => i != slowest)];
        if (others.Length == 0)
        {
            return null;
        }

        double usual = others.Select(rank => rank.Own).Order().ElementAt(others.Length / 2), most = ranks[slowest].Own;
        return most < muchSlower * usual || most - usual < seconds ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"rank {slowest} is slow: {most:0.###} s a step ({ranks[slowest].Data:0.###} s of it waiting for data), "
            + $"others {usual:0.###} s");
    }
}
