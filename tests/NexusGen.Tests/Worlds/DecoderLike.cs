using NexusGen.Worlds.Rendering;

namespace NexusGen.Tests.Worlds;

/// <summary>What lossy codes and small decoders do to pictures: blocks, ringing, weak contrast.</summary>
internal static class DecoderLike
{
    private const int Block = 8;
    private const int BlockValues = Block * Block * 3;

    private static readonly double[,] Cosines = MakeCosines();

    /// <summary>Keeps cosines of 8×8 blocks to whole multiples of a step that grows with the frequency, as JPEG does.</summary>
    public static Picture QuantiseBlocks(Picture picture, double step)
    {
        byte[] rgb = new byte[picture.Rgb.Length];
        double[] block = new double[Block * Block];
        for (int start = 0; start < rgb.Length; start++)
        {
            (int x, int y) = (start / 3 % picture.Width, start / 3 / picture.Width);
            if (x % Block == 0 && y % Block == 0)
            {
                for (int i = 0; i < block.Length; i++)
                {
                    block[i] = picture.Rgb[start + 3 * (i / Block * picture.Width + i % Block)];
                }

                Transform(block, forward: true);
                for (int i = 0; i < block.Length; i++)
                {
                    double size = step * (1 + 0.25 * (i / Block + i % Block));
                    block[i] = size * Math.Round(block[i] / size);
                }

                Transform(block, forward: false);
                for (int i = 0; i < block.Length; i++)
                {
                    rgb[start + 3 * (i / Block * picture.Width + i % Block)] = ToByte(block[i]);
                }
            }
        }

        return new Picture(picture.Width, picture.Height, rgb);
    }

    /// <summary>Blurs, then overdoes what the blur took away: halos of the opposite sign around every edge.</summary>
    public static Picture Ring(Picture picture, double sigma, double strength)
    {
        Picture soft = new Degradation(BlurSigma: sigma).Apply(picture, new(0, 0));
        Picture softer = new Degradation(BlurSigma: 2 * sigma).Apply(picture, new(0, 0));
        return Map(picture, i => soft.Rgb[i] + strength * (soft.Rgb[i] - softer.Rgb[i]));
    }

    /// <summary>Draws all colours towards gray.</summary>
    public static Picture WeakenContrast(Picture picture, double share) =>
        Map(picture, i => 128 + (1 - share) * (picture.Rgb[i] - 128));

    /// <summary>The linear autoencoder of 8×8×3 blocks with so many channels that a set of pictures makes best.</summary>
    public static Func<Picture, Picture> LinearAutoencoder(IReadOnlyList<Picture> pictures, int channels)
    {
        double[][] blocks = [.. pictures.SelectMany(Blocks)];
        double[] mean = [.. Enumerable.Range(0, BlockValues).Select(i => blocks.Average(b => b[i]))];
        double[][] basis = PrincipalAxes(blocks, mean, channels);
        return picture => Map(picture, Blocks(picture), mean, basis);
    }

    private static Picture Map(Picture picture, IEnumerable<double[]> blocks, double[] mean, double[][] basis)
    {
        byte[] rgb = new byte[picture.Rgb.Length];
        int at = 0;
        foreach (double[] block in blocks)
        {
            double[] result = [.. mean];
            foreach (double[] axis in basis)
            {
                double weight = Enumerable.Range(0, BlockValues).Sum(i => axis[i] * (block[i] - mean[i]));
                for (int i = 0; i < BlockValues; i++)
                {
                    result[i] += weight * axis[i];
                }
            }

            for (int i = 0; i < BlockValues; i++)
            {
                rgb[Place(picture, at, i)] = ToByte(result[i]);
            }

            at++;
        }

        return new Picture(picture.Width, picture.Height, rgb);
    }

    // Orthogonal iteration on the covariance.
    private static double[][] PrincipalAxes(double[][] blocks, double[] mean, int channels)
    {
        double[,] covariance = new double[BlockValues, BlockValues];
        foreach (double[] block in blocks)
        {
            for (int i = 0; i < BlockValues; i++)
            {
                for (int j = 0; j < BlockValues; j++)
                {
                    covariance[i, j] += (block[i] - mean[i]) * (block[j] - mean[j]);
                }
            }
        }

        NexusGen.Worlds.Core.Dice dice = new(0, 0);
        double[][] axes = [.. Enumerable.Range(0, channels).Select(_ => Enumerable.Range(0, BlockValues).Select(_ => dice.Normal()).ToArray())];
        for (int round = 0; round < 40; round++)
        {
            for (int k = 0; k < channels; k++)
            {
                axes[k] = [.. Enumerable.Range(0, BlockValues).Select(i => Enumerable.Range(0, BlockValues).Sum(j => covariance[i, j] * axes[k][j]))];
                foreach (double[] before in axes.Take(k))
                {
                    double part = Dot(before, axes[k]);
                    axes[k] = [.. axes[k].Select((v, i) => v - part * before[i])];
                }

                double length = Math.Sqrt(Dot(axes[k], axes[k]));
                axes[k] = [.. axes[k].Select(v => v / length)];
            }
        }

        return axes;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static IEnumerable<double[]> Blocks(Picture picture) =>
        Enumerable.Range(0, picture.Width * picture.Height / (Block * Block)).Select(
            at => Enumerable.Range(0, BlockValues).Select(i => (double)picture.Rgb[Place(picture, at, i)]).ToArray());

    private static int Place(Picture picture, int block, int value)
    {
        int across = picture.Width / Block;
        int x = block % across * Block + value / 3 % Block;
        int y = block / across * Block + value / 3 / Block;
        return 3 * (y * picture.Width + x) + value % 3;
    }

    private static void Transform(double[] block, bool forward)
    {
        double[] rows = new double[block.Length];
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < block.Length; i++)
            {
                rows[i] = 0;
                for (int k = 0; k < Block; k++)
                {
                    rows[i] += (forward ? Cosines[i / Block, k] : Cosines[k, i / Block]) * block[i % Block * Block + k];
                }
            }

            rows.CopyTo(block, 0);
        }
    }

    private static double[,] MakeCosines()
    {
        double[,] table = new double[Block, Block];
        for (int i = 0; i < Block * Block; i++)
        {
            (int k, int n) = (i / Block, i % Block);
            table[k, n] = Math.Sqrt((k == 0 ? 1.0 : 2.0) / Block) * Math.Cos(Math.PI * (n + 0.5) * k / Block);
        }

        return table;
    }

    private static Picture Map(Picture picture, Func<int, double> value) =>
        new(picture.Width, picture.Height, [.. Enumerable.Range(0, picture.Rgb.Length).Select(i => ToByte(value(i)))]);

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}
